data "google_project" "project" {
  project_id = "my-project"
}

resource "google_project_service" "api" {
  project            = "my-project"
  service            = "pubsub.googleapis.com"
  disable_on_destroy = false
}

resource "google_service_account_iam_member" "serviceAccountOpenIdTokenCreator" {
  service_account_id = "projects/my-project/serviceAccounts/caller@my-project.iam.gserviceaccount.com"
  role               = "roles/iam.serviceAccountOpenIdTokenCreator"
  member             = "serviceAccount:service-${data.google_project.project.number}@gcp-sa-pubsub.iam.gserviceaccount.com"
}

resource "google_iap_web_backend_service_iam_member" "httpsResourceAccessor" {
  project             = "my-project"
  web_backend_service = "web"
  role                = "roles/iap.httpsResourceAccessor"
  member              = "serviceAccount:caller@my-project.iam.gserviceaccount.com"
}

resource "google_pubsub_topic" "orders" {
  name       = "orders"
  project    = "my-project"
  depends_on = [google_project_service.api]
}

resource "google_pubsub_subscription" "orders_push" {
  name                 = "orders.push"
  project              = "my-project"
  topic                = google_pubsub_topic.orders.id
  ack_deadline_seconds = 60
  filter               = "attributes.kind = \"order\""
  push_config {
    push_endpoint = "https://hello.example.com/orders"
    oidc_token {
      service_account_email = "caller@my-project.iam.gserviceaccount.com"
      audience              = "https://hello.example.com"
    }
    no_wrapper {
      write_metadata = true
    }
  }
  retry_policy {
    minimum_backoff = "10s"
    maximum_backoff = "60s"
  }
  dead_letter_policy {
    dead_letter_topic     = "projects/other/topics/dead"
    max_delivery_attempts = 5
  }
  depends_on = [google_project_service.api, google_service_account_iam_member.serviceAccountOpenIdTokenCreator, google_iap_web_backend_service_iam_member.httpsResourceAccessor]
}

resource "google_pubsub_topic_iam_member" "dead_letters" {
  topic  = "projects/other/topics/dead"
  role   = "roles/pubsub.publisher"
  member = "serviceAccount:service-${data.google_project.project.number}@gcp-sa-pubsub.iam.gserviceaccount.com"
}

resource "google_pubsub_subscription_iam_member" "dead_letters" {
  subscription = google_pubsub_subscription.orders_push.id
  role         = "roles/pubsub.subscriber"
  member       = "serviceAccount:service-${data.google_project.project.number}@gcp-sa-pubsub.iam.gserviceaccount.com"
}
