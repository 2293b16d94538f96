package component

// Config is every option of one call. The same fields are the inputs of the
// component, the AUTHCALL_* environment (read by envconfig, hence its tags) and
// the flags of `authcall call`; component.yaml is generated from them.
//
// The tags are envconfig's own; the one field without a default is the one
// required input.
type Config struct {
	// URL is the address to call: https, or http where the host is loopback or
	// allowed by Policy.AllowHTTPHosts.
	URL string `split_words:"true" desc:"URL to call."`
	// Method is the HTTP method, upper-case.
	Method string `split_words:"true" default:"POST" desc:"HTTP method."`
	// Query is added to URL's own query.
	Query StringMap `split_words:"true" default:"{}" desc:"Query parameters to add to url, as a JSON object of strings."`
	// Headers are sent as given; the ones that carry the credential or frame the
	// message are refused.
	Headers StringMap `split_words:"true" default:"{}" desc:"Request headers, as a JSON object of strings."`
	// Body is the request body; empty means none.
	Body string `split_words:"true" default:"" desc:"Request body. Sent as application/json where it is JSON and headers name no content type."`
	// BodyURI is a file that is streamed as the body in Body's place.
	BodyURI string `split_words:"true" default:"" desc:"File to send as the body instead of body: a path, gs://bucket/object, or the uri of an artifact."`
	// FinalStatus is how a pipeline ended, as the runtime tells an exit task; it
	// is the body where neither Body nor BodyURI is given.
	FinalStatus FinalStatus `split_words:"true" default:"{}" desc:"How the pipeline ended, which the runtime tells an exit task; sent as the body where no other is given."`
	// SecretHeaders are headers whose values are read from Secret Manager for
	// each run, and never logged.
	SecretHeaders StringMap `split_words:"true" default:"{}" desc:"Request headers from Secret Manager, as a JSON object of header to projects/P/secrets/S/versions/V."`
	// ServiceAccount is the email of the account to call as; empty means the
	// ambient one.
	ServiceAccount string `split_words:"true" default:"" desc:"Email of the service account to call as; empty means the account that the step runs under."`
	// Audience is the aud claim of the ID token; empty means that it is derived
	// from URL.
	Audience string `split_words:"true" default:"" desc:"Audience of the ID token: the service's URL for Cloud Run, the OAuth client ID for IAP; empty means the origin of url."`
	// Delegates is the chain of service accounts between the ambient account
	// and ServiceAccount, nearest first.
	Delegates StringList `split_words:"true" default:"[]" desc:"Service accounts to delegate through, nearest first, as a JSON array of emails."`
	// Auth is the kind of credential that the call carries.
	Auth AuthKind `split_words:"true" default:"auto" desc:"Credential to send: id-token, iap-jwt, access-token or none; auto sends an access token to googleapis.com and an ID token elsewhere."`
	// AuthHeader is the header that carries the credential; empty leaves the
	// choice to the other headers and the target.
	AuthHeader string `split_words:"true" default:"" desc:"Header for the credential: Authorization, X-Serverless-Authorization or Proxy-Authorization; empty means Authorization, or the header that the target reads beside an Authorization among headers."`
	// TimeoutSeconds bounds the whole call, retries and waits included, in
	// seconds, 1 to 86400.
	TimeoutSeconds int `split_words:"true" default:"300" desc:"Time for the whole call in seconds, retries included: 1 to 86400."`
	// MaxAttempts is how often the call is tried at the most, 1 to 10.
	MaxAttempts int `split_words:"true" default:"3" desc:"How often the call is tried at the most, where trying again is safe: 1 to 10."`
	// IdempotencyKey makes trying again safe with a service that heeds it.
	IdempotencyKey string `split_words:"true" default:"" desc:"Value of the Idempotency-Key header, which makes trying again safe for any method; auto means one that stays the same when the task is retried."`
	// Success is a jq expression over {status, headers, body} that decides
	// whether the answer is a success; empty means a status of 200 to 299.
	Success string `split_words:"true" default:"" desc:"jq expression over {status, headers, body} that is true for a success; empty means status 200 to 299."`
	// Result is a jq expression over {status, headers, body} whose value becomes
	// the result output; empty means an empty result.
	Result string `split_words:"true" default:"" desc:"jq expression over {status, headers, body} whose value becomes the output result."`
	// PollUntil is a jq expression over {status, headers, body}; until it is true
	// the operation that the answer names, or the URL, is asked again.
	PollUntil string `split_words:"true" default:"" desc:"jq expression over {status, headers, body}; until it is true the URL in Operation-Location or Location, or url itself, is asked again with GET."`
	// PollIntervalSeconds is the time between polls, 1 to 3600, where the answer
	// has no Retry-After.
	PollIntervalSeconds int `split_words:"true" default:"10" desc:"Seconds between polls where the answer has no Retry-After: 1 to 3600."`
	// NextPage is a jq expression over {status, headers, body} that gives the URL
	// of the next page, or null after the last.
	NextPage string `split_words:"true" default:"" desc:"jq expression over {status, headers, body} that gives the URL of the next page, or null; the response is then JSON Lines, a page each."`
	// FollowRedirects lets redirects be followed within the URL's origin.
	FollowRedirects bool `split_words:"true" default:"false" desc:"Whether redirects are followed that stay at the scheme, host and port of url and keep the method."`
	// MaxResponseBytes is the longest body that is taken; 0 means any.
	MaxResponseBytes int `split_words:"true" default:"0" desc:"Longest body to take, in bytes; 0 means any."`
	// Roots is a PEM file of authorities that are trusted beside the system's.
	Roots string `split_words:"true" default:"" desc:"PEM file of certificate authorities to trust beside the system's: a path or gs://bucket/object."`
	// ClientCertificate is a secret version that holds certificate and key in PEM.
	ClientCertificate string `split_words:"true" default:"" desc:"Secret Manager version with certificate and key in PEM, to show to a service that asks for them."`
	// FailOnHTTPError says whether an answer that is not a success fails the
	// step; otherwise the outputs tell and the step is done.
	FailOnHTTPError bool `split_words:"true" default:"true" desc:"Whether an answer that is not a success fails the step."`
}
