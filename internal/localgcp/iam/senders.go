package iam

import "slices"

// permissions are those of a service on one kind of resource.
func permissions(resource string, verbs ...string) []string {
	all := make([]string, 0, len(verbs))
	for _, v := range verbs {
		all = append(all, resource+"."+v)
	}
	return all
}

// Permissions of Cloud Scheduler.
var (
	readLocations = slices.Concat(permissions("cloudscheduler.locations", "get", "list"), permissions("cloudtasks.locations", "get", "list"))
	readJobs      = slices.Concat(permissions("cloudscheduler.locations", "get", "list"), permissions("cloudscheduler.jobs", "get", "list"))
	runJobs       = permissions("cloudscheduler.jobs", "fullView", "run")
	manageJobs    = slices.Concat(readJobs, runJobs, permissions("cloudscheduler.jobs", "create", "delete", "enable", "pause", "update"))
)

// Permissions of Cloud Tasks.
var (
	readQueues   = slices.Concat(permissions("cloudtasks.locations", "get", "list"), permissions("cloudtasks.queues", "get", "list"))
	manageQueues = slices.Concat(readQueues, permissions("cloudtasks.queues", "create", "delete", "pause", "purge", "resume", "update"))
	readTasks    = permissions("cloudtasks.tasks", "fullView", "get", "list")
	manageTasks  = slices.Concat(readTasks, permissions("cloudtasks.tasks", "create", "delete", "run"))
)

// Permissions of Pub/Sub.
var (
	readMessaging = slices.Concat(
		permissions("pubsub.schemas", "get", "list", "listRevisions", "validate"),
		permissions("pubsub.snapshots", "get", "list"),
		permissions("pubsub.subscriptions", "get", "list"),
		permissions("pubsub.topics", "get", "list"))
	subscribe       = []string{"pubsub.snapshots.seek", "pubsub.subscriptions.consume", "pubsub.topics.attachSubscription"}
	manageMessaging = slices.Concat(readMessaging, subscribe,
		permissions("pubsub.schemas", "attach", "commit", "create", "delete", "rollback"),
		permissions("pubsub.snapshots", "create", "delete", "update"),
		permissions("pubsub.subscriptions", "create", "delete", "update"),
		permissions("pubsub.topics", "create", "delete", "detachSubscription", "publish", "update", "updateTag"))
)

// Permissions of the senders together, as basic roles have them.
var (
	readSenders   = slices.Concat(readLocations, readJobs, readQueues, readTasks, readMessaging)
	manageSenders = slices.Concat(manageJobs, manageQueues, manageTasks, manageMessaging)
	ownSenders    = slices.Concat(manageSenders, policies("cloudtasks.queues", "pubsub.schemas", "pubsub.snapshots", "pubsub.subscriptions", "pubsub.topics"))
)

// mintForSender is what a service agent does on the accounts of its project.
var mintForSender = []string{GetAccessToken, GetOpenIDToken}

// senderRoles are the roles of the services that call others.
func senderRoles() map[string][]string {
	return map[string][]string{
		"roles/cloudscheduler.admin":        manageJobs,
		"roles/cloudscheduler.viewer":       readJobs,
		"roles/cloudscheduler.jobRunner":    runJobs,
		"roles/cloudscheduler.serviceAgent": slices.Concat(mintForSender, []string{"pubsub.topics.publish"}),
		"roles/cloudtasks.admin":            slices.Concat(manageQueues, manageTasks, policies("cloudtasks.queues")),
		"roles/cloudtasks.enqueuer":         {"cloudtasks.tasks.create", "cloudtasks.tasks.fullView"},
		"roles/cloudtasks.viewer":           slices.Concat(readQueues, readTasks),
		"roles/cloudtasks.taskRunner":       {"cloudtasks.tasks.fullView", "cloudtasks.tasks.run"},
		"roles/cloudtasks.taskDeleter":      {"cloudtasks.tasks.delete"},
		"roles/cloudtasks.queueAdmin":       slices.Concat(manageQueues, policies("cloudtasks.queues")),
		"roles/cloudtasks.serviceAgent":     mintForSender,
		"roles/pubsub.admin":                slices.Concat(manageMessaging, policies("pubsub.schemas", "pubsub.snapshots", "pubsub.subscriptions", "pubsub.topics")),
		"roles/pubsub.editor":               manageMessaging,
		"roles/pubsub.publisher":            {"pubsub.topics.publish"},
		"roles/pubsub.subscriber":           subscribe,
		"roles/pubsub.viewer":               readMessaging,
		"roles/pubsub.serviceAgent":         {GetServiceAccount, ListAccounts, GetAccessToken, GetOpenIDToken, ImplicitDelegation, SignBlob, SignJWT, GetProject},
	}
}
