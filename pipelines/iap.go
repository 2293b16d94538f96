package pipelines

// IAP is the pipeline that calls an app behind Identity-Aware Proxy. The
// audience of its token is the OAuth client ID of the proxy, which cannot be
// derived from the URL and is therefore required.
func IAP(call *Container) *Pipeline {
	p := New("auth-pipeline-iap")
	p.DisplayName = "Call an app behind IAP"
	p.Description = "Calls an app behind Identity-Aware Proxy with an ID token of a service account, and keeps the answer."

	inputs := parametersFor(p, call, map[string]func(*Parameter){
		"audience": func(d *Parameter) {
			d.Default, d.Optional = nil, false
			d.Description = "OAuth client ID of the app's Identity-Aware Proxy."
		},
	})
	t := p.Task("call", call, inputs)
	t.DisplayName = "Call the app"
	outputsOf(p, t)
	return p
}
