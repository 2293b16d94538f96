package paging_test

import (
	"slices"
	"testing"

	"github.com/authcall/authcall/internal/localgcp/paging"
)

func TestPages(t *testing.T) {
	t.Parallel()
	names := []string{"d", "b", "e", "a", "c"}
	tests := []struct {
		name string
		size int32
		want [][]string
	}{
		{"one at a time", 1, [][]string{{"a"}, {"b"}, {"c"}, {"d"}, {"e"}}},
		{"two at a time", 2, [][]string{{"a", "b"}, {"c", "d"}, {"e"}}},
		{"exactly all", 5, [][]string{{"a", "b", "c"}, {"d", "e"}}},
		{"as many as the API gives", 0, [][]string{{"a", "b", "c"}, {"d", "e"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			token := ""
			for _, want := range tt.want {
				page, next, err := paging.Page(slices.Clone(names), paging.Request{Size: tt.size, Token: token, Max: 3})
				if err != nil || !slices.Equal(page, want) {
					t.Fatalf("got %q, %v, want %q", page, err, want)
				}
				token = next
			}
			if token != "" {
				t.Errorf("got another token %q after the last page", token)
			}
		})
	}
}

func TestNothingAppearsTwiceWhileNamesComeAndGo(t *testing.T) {
	t.Parallel()
	first, next, err := paging.Page([]string{"a", "b", "d"}, paging.Request{Size: 2, Max: 10})
	if err != nil || !slices.Equal(first, []string{"a", "b"}) {
		t.Fatalf("got %q, %v", first, err)
	}
	second, _, err := paging.Page([]string{"a", "aa", "c", "d"}, paging.Request{Size: 2, Token: next, Max: 10})
	if err != nil || !slices.Equal(second, []string{"c", "d"}) {
		t.Errorf("got %q, %v, want what comes after b", second, err)
	}
}

func TestPageRefuses(t *testing.T) {
	t.Parallel()
	for _, r := range []paging.Request{{Size: -1, Max: 10}, {Token: "?", Max: 10}} {
		if _, _, err := paging.Page([]string{"a"}, r); err == nil {
			t.Errorf("%+v: got no error", r)
		}
	}
}

func FuzzPage(f *testing.F) {
	f.Add(int32(1), "YQ")
	f.Add(int32(-1), "")
	f.Fuzz(func(t *testing.T, size int32, token string) {
		page, next, err := paging.Page([]string{"a", "b", "c"}, paging.Request{Size: size, Token: token, Max: 2})
		if err == nil && (len(page) > 2 || next != "" && len(page) == 0) {
			t.Errorf("got %q and token %q", page, next)
		}
	})
}
