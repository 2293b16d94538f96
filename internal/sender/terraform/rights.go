package terraform

import (
	"path"
	"slices"

	"github.com/authcall/authcall/internal/sender/rights"
)

// Number stands in a rights.Setup for the number of the project.
const Number = number

// Rights writes the API and the bindings that a setup needs. Whoever runs
// Terraform has the right to act as the account already, or has not: that one is
// left out.
func (f *File) Rights(api rights.API, needs []rights.Need) {
	f.block("data", "google_project", "project").text("project_id", f.project)
	b := f.block("resource", "google_project_service", "api")
	b.text("project", f.project)
	b.text("service", api.Service)
	b.no("disable_on_destroy")
	f.depends = append(f.depends, "google_project_service.api")
	for _, n := range needs {
		if !n.OfCaller() {
			f.binding(n.Binding)
		}
	}
}

// attribute is one that names the resource of a binding.
type attribute struct{ name, value string }

// binding writes one binding, under the name of its role.
func (f *File) binding(b rights.Binding) {
	kind, place := placed(b.Resource)
	name := label(path.Ext("." + path.Base(b.Role))[1:])
	address := kind + "." + name
	if slices.Contains(f.depends, address) {
		return
	}
	f.depends = append(f.depends, address)
	out := f.block("resource", kind, name)
	for _, a := range place {
		out.text(a.name, a.value)
	}
	out.text("role", b.Role)
	out.text("member", b.Member)
}

// placed is the kind of a binding on a resource, and what names the resource
// there.
func placed(r rights.Resource) (kind string, place []attribute) {
	switch r.Kind {
	case rights.Account:
		return "google_service_account_iam_member", []attribute{{"service_account_id", r.Name("")}}
	case rights.RunService:
		return "google_cloud_run_v2_service_iam_member", []attribute{{"project", r.Project}, {"location", r.Region}, {"name", r.ID}}
	case rights.Function:
		return "google_cloudfunctions_function_iam_member", []attribute{{"project", r.Project}, {"region", r.Region}, {"cloud_function", r.ID}}
	case rights.IAPService:
		return "google_iap_web_backend_service_iam_member", []attribute{{"project", r.Project}, {"web_backend_service", r.ID}}
	default:
		return "google_project_iam_member", []attribute{{"project", r.ID}}
	}
}
