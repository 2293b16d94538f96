package pipelinespec

import "testing"

func TestNeedsNoQuotes(t *testing.T) {
	t.Parallel()
	for key, want := range map[string]bool{
		"url": true, "status_code": true, "exec-call": true, "A1": true, "pipelinechannel--x": true,
		"": false, "y": false, "NO": false, "Null": false, "on": false, "1a": false, "-a": false, "_a": false,
		"a b": false, "a.b": false, "a:b": false, "é": false, "a{": false, "@": false, "[": false,
	} {
		if got := needsNoQuotes(key); got != want {
			t.Errorf("needsNoQuotes(%q) = %v, want %v", key, got, want)
		}
	}
}
