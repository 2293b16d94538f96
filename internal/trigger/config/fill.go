package config

import (
	"cmp"
	"strings"
)

// fill puts the defaults where nothing is said.
func (c *Config) fill(o Options) {
	d := o.Defaults
	c.URL = strings.TrimSuffix(cmp.Or(c.URL, d.URL), "/")
	c.Project = cmp.Or(o.Override.Project, c.Project, d.Project)
	c.Location = cmp.Or(o.Override.Location, c.Location, d.Location)
	c.PipelineRoot = cmp.Or(c.PipelineRoot, d.PipelineRoot)
	c.ServiceAccount = cmp.Or(c.ServiceAccount, d.ServiceAccount)
	for i, r := range c.Routes {
		if r == nil { // an element that is null
			r = &Route{}
			c.Routes[i] = r
		}
		r.fill(c)
	}
}

func (r *Route) fill(c *Config) {
	if r.Name == "" {
		r.Name = nameOf(r.Path)
	}
	if len(r.Audiences) == 0 && c.URL != "" {
		r.Audiences = []string{c.URL + r.Path, c.URL}
	}
	r.ServiceAccount = cmp.Or(r.ServiceAccount, c.ServiceAccount)
	r.OnBadEvent = cmp.Or(r.OnBadEvent, c.OnBadEvent)
	// PipelineRoot waits for the spec, which may have one of its own.
}

// nameOf makes a route's name of the words of its path.
func nameOf(path string) string {
	words := strings.FieldsFunc(strings.ToLower(path), func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9')
	})
	return cmp.Or(strings.Join(words, "-"), "root")
}
