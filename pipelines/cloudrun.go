package pipelines

// CloudRun is the pipeline that calls a service on Cloud Run, or another that
// checks a Google-signed ID token, with a token for the service's own URL. Its
// parameters are the inputs of the call.
func CloudRun(call *Container) *Pipeline {
	p := New("auth-pipeline-cloudrun")
	p.DisplayName = "Call a Cloud Run service"
	p.Description = "Calls a private Cloud Run service with an ID token of a service account, and keeps the answer."

	t := p.Task("call", call, parametersFor(p, call, nil))
	t.DisplayName = "Call the service"
	outputsOf(p, t)
	return p
}
