data "google_project" "project" {
  project_id = "my-project"
}

resource "google_project_service" "api" {
  project            = "my-project"
  service            = "cloudtasks.googleapis.com"
  disable_on_destroy = false
}

resource "google_service_account_iam_member" "serviceAccountOpenIdTokenCreator" {
  service_account_id = "projects/my-project/serviceAccounts/caller@my-project.iam.gserviceaccount.com"
  role               = "roles/iam.serviceAccountOpenIdTokenCreator"
  member             = "serviceAccount:service-${data.google_project.project.number}@gcp-sa-cloudtasks.iam.gserviceaccount.com"
}

resource "google_cloudfunctions_function_iam_member" "invoker" {
  project        = "my-project"
  region         = "us-central1"
  cloud_function = "hello"
  role           = "roles/cloudfunctions.invoker"
  member         = "serviceAccount:caller@my-project.iam.gserviceaccount.com"
}

resource "google_cloud_tasks_queue" "work" {
  name     = "work"
  project  = "my-project"
  location = "us-central1"
  rate_limits {
    max_dispatches_per_second = 0.5
    max_concurrent_dispatches = 2
  }
  retry_config {
    max_attempts       = -1
    max_retry_duration = "3600s"
    min_backoff        = "0.1s"
    max_backoff        = "60s"
    max_doublings      = 3
  }
  depends_on = [google_project_service.api, google_service_account_iam_member.serviceAccountOpenIdTokenCreator, google_cloudfunctions_function_iam_member.invoker]
}
