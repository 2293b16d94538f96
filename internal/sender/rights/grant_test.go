package rights

import (
	"encoding/json"
	"reflect"
	"slices"
	"testing"

	"google.golang.org/api/cloudresourcemanager/v1"
)

// Whatever policy an API gives, the member has the role afterwards without a
// condition, nothing else is lost, and a second time changes nothing.
func FuzzWith(f *testing.F) {
	for _, seed := range []string{
		`{}`, `null`, `{"etag":"e","version":3,"bindings":[{"role":"r","members":["a"]},null,{"role":"r","members":["m"],"condition":{"title":"t"}}]}`,
		`{"bindings":{"role":"r"}}`, `{"bindings":[{"role":"r"}],"auditConfigs":[{"service":"allServices"}]}`, `[]`, `{"bindings":[{"role":"r","members":"m"}]}`,
	} {
		f.Add([]byte(seed))
	}
	b := Binding{Role: "r", Member: "m"}
	f.Fuzz(func(t *testing.T, sent []byte) {
		var whole cloudresourcemanager.Policy // as the client reads it
		if json.Unmarshal(sent, &whole) != nil {
			return
		}
		data, err := whole.MarshalJSON()
		if err != nil {
			return
		}
		once, err := with(data, b)
		if err != nil {
			t.Fatal(err)
		}
		var p policy
		if err := json.Unmarshal(once, &p); err == nil && !p.judge("m", []string{"r"}).held {
			t.Errorf("%s became %s, in which the member has no role", data, once)
		}
		twice, err := with(once, b)
		if err != nil || string(once) != string(twice) {
			t.Errorf("%s became %s and then %s, %v", data, once, twice, err)
		}
		var before, after map[string]any
		if json.Unmarshal(data, &before) != nil || json.Unmarshal(once, &after) != nil {
			return
		}
		for key, value := range before {
			if key != "bindings" && !reflect.DeepEqual(value, after[key]) {
				t.Errorf("%s was %v and is %v", key, value, after[key])
			}
		}
		kept, _ := after["bindings"].([]any)
		for _, binding := range asList(before["bindings"]) {
			if one, _ := binding.(map[string]any); one["role"] == "r" && one["condition"] == nil {
				continue // the one that the member came into
			}
			if !slices.ContainsFunc(kept, func(other any) bool { return reflect.DeepEqual(binding, other) }) {
				t.Errorf("the binding %v of %s is lost", binding, data)
			}
		}
	})
}

func asList(value any) []any {
	list, _ := value.([]any)
	return list
}
