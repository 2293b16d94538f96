// Package componentyaml writes component.yaml, the form in which the KFP SDK
// loads the step into pipelines written in Python.
package componentyaml

//go:generate go run github.com/authcall/authcall/cmd/authpipe component -o ../../../../component.yaml
