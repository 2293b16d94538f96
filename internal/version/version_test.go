package version

import (
	"runtime"
	"runtime/debug"
	"testing"
)

func TestLine(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name string
		info Info
		want string
	}{
		{name: "release", info: Info{Version: "v1.2.3", Commit: "abc"}, want: "authcall v1.2.3 abc " + runtime.Version()},
		{name: "changed", info: Info{Version: "devel", Commit: "abc", Modified: true}, want: "authcall devel abc (modified) " + runtime.Version()},
		{name: "no record", info: Info{Version: "devel"}, want: "authcall devel " + runtime.Version()},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := c.info.Line("authcall"); got != c.want {
				t.Errorf("Line = %q, want %q", got, c.want)
			}
		})
	}
}

func TestRead(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name  string
		build debug.BuildInfo
		want  Info
	}{
		{name: "work tree", build: debug.BuildInfo{Main: debug.Module{Version: "(devel)"}}, want: Info{Version: "devel"}},
		{name: "module", build: debug.BuildInfo{Main: debug.Module{Version: "v1.2.3"}}, want: Info{Version: "v1.2.3"}},
		{
			name: "commit",
			build: debug.BuildInfo{Settings: []debug.BuildSetting{
				{Key: "vcs.revision", Value: "abc"}, {Key: "vcs.modified", Value: "true"}, {Key: "GOOS", Value: "linux"},
			}},
			want: Info{Version: "devel", Commit: "abc", Modified: true},
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := Info{Version: "devel"}
			got.read(&c.build)
			if got != c.want {
				t.Errorf("read = %+v, want %+v", got, c.want)
			}
		})
	}
}
