data "google_project" "project" {
  project_id = "my-project"
}

resource "google_project_service" "api" {
  project            = "my-project"
  service            = "cloudscheduler.googleapis.com"
  disable_on_destroy = false
}

resource "google_service_account_iam_member" "serviceAccountTokenCreator" {
  service_account_id = "projects/my-project/serviceAccounts/caller@my-project.iam.gserviceaccount.com"
  role               = "roles/iam.serviceAccountTokenCreator"
  member             = "serviceAccount:service-${data.google_project.project.number}@gcp-sa-cloudscheduler.iam.gserviceaccount.com"
}

resource "google_project_iam_member" "user" {
  project = "my-project"
  role    = "roles/aiplatform.user"
  member  = "serviceAccount:caller@my-project.iam.gserviceaccount.com"
}

resource "google_service_account_iam_member" "serviceAccountUser" {
  service_account_id = "projects/my-project/serviceAccounts/pipeline@my-project.iam.gserviceaccount.com"
  role               = "roles/iam.serviceAccountUser"
  member             = "serviceAccount:caller@my-project.iam.gserviceaccount.com"
}

resource "google_cloud_scheduler_job" "_1st-pipeline" {
  name     = "1st-pipeline"
  project  = "my-project"
  region   = "us-central1"
  schedule = "0 3 * * 1"
  http_target {
    uri         = "https://us-central1-aiplatform.googleapis.com/v1/projects/my-project/locations/us-central1/pipelineJobs"
    http_method = "POST"
    oauth_token {
      service_account_email = "caller@my-project.iam.gserviceaccount.com"
      scope                 = "https://www.googleapis.com/auth/cloud-platform"
    }
  }
  depends_on = [google_project_service.api, google_service_account_iam_member.serviceAccountTokenCreator, google_project_iam_member.user, google_service_account_iam_member.serviceAccountUser]
}
