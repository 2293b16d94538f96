package terraform

import (
	"cloud.google.com/go/cloudtasks/apiv2/cloudtaskspb"
	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"cloud.google.com/go/scheduler/apiv1/schedulerpb"
	"github.com/zclconf/go-cty/cty"

	"github.com/authcall/authcall/internal/sender"
	"github.com/authcall/authcall/internal/sender/rights"
)

// Job writes a job of Cloud Scheduler.
func (f *File) Job(job *schedulerpb.Job, region string) {
	id := sender.ID(job.GetName())
	b := f.block("resource", "google_cloud_scheduler_job", label(id))
	b.text("name", id)
	b.text("project", f.project)
	b.text("region", region)
	b.text("description", job.GetDescription())
	b.text("schedule", job.GetSchedule())
	b.text("time_zone", job.GetTimeZone())
	b.duration("attempt_deadline", job.GetAttemptDeadline())
	if r := job.GetRetryConfig(); r != nil {
		retry := b.nested("retry_config")
		retry.number("retry_count", float64(r.GetRetryCount()))
		retry.duration("max_retry_duration", r.GetMaxRetryDuration())
		retry.duration("min_backoff_duration", r.GetMinBackoffDuration())
		retry.duration("max_backoff_duration", r.GetMaxBackoffDuration())
		retry.number("max_doublings", float64(r.GetMaxDoublings()))
	}
	target := b.nested("http_target")
	t := job.GetHttpTarget()
	target.text("uri", t.GetUri())
	target.text("http_method", t.GetHttpMethod().String())
	target.texts("headers", t.GetHeaders())
	target.base64("body", t.GetBody())
	if oidc := t.GetOidcToken(); oidc != nil {
		token := target.nested("oidc_token")
		token.text("service_account_email", oidc.GetServiceAccountEmail())
		token.text("audience", oidc.GetAudience())
	}
	if oauth := t.GetOauthToken(); oauth != nil {
		token := target.nested("oauth_token")
		token.text("service_account_email", oauth.GetServiceAccountEmail())
		token.text("scope", oauth.GetScope())
	}
	b.dependsOn(f.depends)
}

// Queue writes a queue of Cloud Tasks. Tasks are no resources: programs enqueue
// them.
func (f *File) Queue(queue *cloudtaskspb.Queue, region string) {
	id := sender.ID(queue.GetName())
	b := f.block("resource", "google_cloud_tasks_queue", label(id))
	b.text("name", id)
	b.text("project", f.project)
	b.text("location", region)
	if limits := queue.GetRateLimits(); limits != nil {
		rate := b.nested("rate_limits")
		rate.number("max_dispatches_per_second", limits.GetMaxDispatchesPerSecond())
		rate.number("max_concurrent_dispatches", float64(limits.GetMaxConcurrentDispatches()))
	}
	if r := queue.GetRetryConfig(); r != nil {
		retry := b.nested("retry_config")
		retry.number("max_attempts", float64(r.GetMaxAttempts()))
		retry.duration("max_retry_duration", r.GetMaxRetryDuration())
		retry.duration("min_backoff", r.GetMinBackoff())
		retry.duration("max_backoff", r.GetMaxBackoff())
		retry.number("max_doublings", float64(r.GetMaxDoublings()))
	}
	b.dependsOn(f.depends)
}

// Subscription writes a push subscription of Pub/Sub with its topics; those of
// other projects are only named.
func (f *File) Subscription(sub *pubsubpb.Subscription) {
	topics := map[string]string{}
	dead := sub.GetDeadLetterPolicy()
	for _, name := range []string{sub.GetTopic(), dead.GetDeadLetterTopic()} {
		if name != "" && topics[name] == "" && sender.Parent(name) == "projects/"+f.project {
			topics[name] = f.topic(name)
		}
	}
	id := sender.ID(sub.GetName())
	b := f.block("resource", "google_pubsub_subscription", label(id))
	b.text("name", id)
	b.text("project", f.project)
	b.topic("topic", sub.GetTopic(), topics)
	b.number("ack_deadline_seconds", float64(sub.GetAckDeadlineSeconds()))
	b.text("filter", sub.GetFilter())
	push(b.nested("push_config"), sub.GetPushConfig())
	if r := sub.GetRetryPolicy(); r != nil {
		retry := b.nested("retry_policy")
		retry.duration("minimum_backoff", r.GetMinimumBackoff())
		retry.duration("maximum_backoff", r.GetMaximumBackoff())
	}
	if dead != nil {
		letters := b.nested("dead_letter_policy")
		letters.topic("dead_letter_topic", dead.GetDeadLetterTopic(), topics)
		letters.number("max_delivery_attempts", float64(dead.GetMaxDeliveryAttempts()))
	}
	b.dependsOn(f.depends)
	if dead != nil {
		f.deadLetters(id, dead.GetDeadLetterTopic(), topics)
	}
}

// deadLetters lets Pub/Sub's agent move what cannot be delivered.
func (f *File) deadLetters(id, topic string, held map[string]string) {
	agent := rights.PubSub().Agent(number)
	b := f.block("resource", "google_pubsub_topic_iam_member", "dead_letters")
	b.topic("topic", topic, held)
	b.text("role", "roles/pubsub.publisher")
	b.text("member", agent)
	b = f.block("resource", "google_pubsub_subscription_iam_member", "dead_letters")
	b.refer("subscription", "google_pubsub_subscription."+label(id)+".id")
	b.text("role", "roles/pubsub.subscriber")
	b.text("member", agent)
}

func push(b block, config *pubsubpb.PushConfig) {
	b.text("push_endpoint", config.GetPushEndpoint())
	token := b.nested("oidc_token")
	token.text("service_account_email", config.GetOidcToken().GetServiceAccountEmail())
	token.text("audience", config.GetOidcToken().GetAudience())
	if bare := config.GetNoWrapper(); bare != nil {
		b.nested("no_wrapper").SetAttributeValue("write_metadata", cty.BoolVal(bare.GetWriteMetadata()))
	}
}

// topic writes a topic and returns its address.
func (f *File) topic(name string) string {
	id := sender.ID(name)
	b := f.block("resource", "google_pubsub_topic", label(id))
	b.text("name", id)
	b.text("project", f.project)
	b.dependsOn([]string{"google_project_service.api"})
	return "google_pubsub_topic." + label(id)
}

// topic refers to a topic that the configuration holds, or names it.
func (b block) topic(attribute, name string, held map[string]string) {
	if address := held[name]; address != "" {
		b.refer(attribute, address+".id")
		return
	}
	b.text(attribute, name)
}
