package version

import (
	"runtime/debug"
	"testing"
)

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
