data "google_project" "project" {
  project_id = "my-project"
}

resource "google_project_service" "api" {
  project            = "my-project"
  service            = "cloudscheduler.googleapis.com"
  disable_on_destroy = false
}

resource "google_service_account_iam_member" "serviceAccountOpenIdTokenCreator" {
  service_account_id = "projects/my-project/serviceAccounts/caller@my-project.iam.gserviceaccount.com"
  role               = "roles/iam.serviceAccountOpenIdTokenCreator"
  member             = "serviceAccount:service-${data.google_project.project.number}@gcp-sa-cloudscheduler.iam.gserviceaccount.com"
}

resource "google_cloud_run_v2_service_iam_member" "invoker" {
  project  = "my-project"
  location = "us-central1"
  name     = "hello"
  role     = "roles/run.invoker"
  member   = "serviceAccount:caller@my-project.iam.gserviceaccount.com"
}

resource "google_cloud_scheduler_job" "nightly" {
  name             = "nightly"
  project          = "my-project"
  region           = "us-central1"
  description      = "d"
  schedule         = "0 3 * * *"
  time_zone        = "Europe/Berlin"
  attempt_deadline = "90s"
  retry_config {
    retry_count          = 3
    min_backoff_duration = "1.5s"
    max_backoff_duration = "3600s"
    max_doublings        = 5
  }
  http_target {
    uri         = "https://hello.example.com/run"
    http_method = "POST"
    headers = {
      Content-Type = "application/json"
      X-A          = "$${x}"
    }
    body = base64encode("{\"a\": \"$${b} %%{c} \\\\ \\\"\"}\nünïcode")
    oidc_token {
      service_account_email = "caller@my-project.iam.gserviceaccount.com"
      audience              = "https://hello.example.com"
    }
  }
  depends_on = [google_project_service.api, google_service_account_iam_member.serviceAccountOpenIdTokenCreator, google_cloud_run_v2_service_iam_member.invoker]
}
