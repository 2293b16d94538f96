package rights

// API is one of Google's senders.
type API struct {
	// Title is its name for people.
	Title string
	// Service is its name in Service Usage, such as cloudscheduler.googleapis.com.
	Service string
	// agent is the name in its service agent's email.
	agent string
	// agentRole is what Google grants the agent on the project.
	agentRole string
}

// Scheduler is Cloud Scheduler.
func Scheduler() API {
	return API{"Cloud Scheduler", "cloudscheduler.googleapis.com", "gcp-sa-cloudscheduler", "roles/cloudscheduler.serviceAgent"}
}

// Tasks is Cloud Tasks.
func Tasks() API {
	return API{"Cloud Tasks", "cloudtasks.googleapis.com", "gcp-sa-cloudtasks", "roles/cloudtasks.serviceAgent"}
}

// PubSub is Pub/Sub.
func PubSub() API {
	return API{"Pub/Sub", "pubsub.googleapis.com", "gcp-sa-pubsub", "roles/pubsub.serviceAgent"}
}

// Agent is the service agent of a project, as policies name it.
func (a API) Agent(projectNumber string) string {
	return "serviceAccount:service-" + projectNumber + "@" + a.agent + ".iam.gserviceaccount.com"
}

// EnableCommand switches the API on.
func (a API) EnableCommand(project string) string {
	return "gcloud services enable " + a.Service + " --project=" + project
}
