// Package componentyaml writes the step in the forms in which the KFP SDK loads
// it into pipelines written in Python: component.yaml, notifier.yaml for exit
// tasks, and a pipeline.
package componentyaml

//go:generate go run github.com/authcall/authcall/cmd/authpipe component -o ../../../../component.yaml
//go:generate go run github.com/authcall/authcall/cmd/authpipe component --format notifier -o ../../../../notifier.yaml
