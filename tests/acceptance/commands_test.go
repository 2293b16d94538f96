package acceptance

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"reflect"
	"strconv"
	"strings"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"github.com/itchyny/gojq"
	"github.com/rogpeppe/go-internal/testscript"
)

// exits is the script command `exits CODE COMMAND [ARG...]`: the command ends
// with just this code, where testscript's own `! exec` takes any failure.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND [ARG...]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d\n[stderr]\n%s", got, want, ts.ReadFile("stderr"))
	}
	noToken(ts)
}

// step is the script command `step CODE FILE [FLAG...]`: it runs authcall
// component as a runtime does, with the content of FILE for the executor input.
// $NAME in FILE is the script's variable.
func step(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: step CODE FILE [FLAG...]")
	}
	input := os.Expand(ts.ReadFile(args[1]), func(name string) string {
		if name == "" || strings.HasPrefix(name, ".") {
			return "$" + name // a placeholder of KFP's
		}
		return ts.Getenv(name)
	})
	exits(ts, false, append([]string{args[0], "authcall", "component", "--executor_input", input}, args[2:]...))
}

// noToken fails the script where a token shows in what the last command wrote:
// three parts of base64url with JSON in the first, or an access token.
func noToken(ts *testscript.TestScript) {
	for _, stream := range []string{"stdout", "stderr"} {
		if text := ts.ReadFile(stream); strings.Contains(text, "eyJ") || strings.Contains(text, "ya29.") {
			ts.Fatalf("%s shows a token", stream)
		}
	}
}

// jsonValue is the script command `json FILE QUERY WANT`: the jq query's value
// is WANT, which is text, or JSON where the value is no string.
func jsonValue(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: json FILE QUERY WANT")
	}
	var doc any
	if err := json.Unmarshal([]byte(ts.ReadFile(args[0])), &doc); err != nil {
		ts.Fatalf("%s is not one JSON document: %v", args[0], err)
	}
	query, err := gojq.Parse(args[1])
	ts.Check(err)
	got, _ := query.Run(doc).Next()
	if err, failed := got.(error); failed {
		ts.Fatalf("%s: %v", args[1], err)
	}
	if text, ok := got.(string); ok && text == args[2] {
		return
	}
	var want any
	if err := json.Unmarshal([]byte(args[2]), &want); err != nil || !equalJSON(got, want) {
		ts.Fatalf("%s of %s is %v, want %s", args[1], args[0], got, args[2])
	}
}

// equalJSON compares decoded values; jq makes ints of whole numbers.
func equalJSON(a, b any) bool {
	left, err := json.Marshal(a)
	if err != nil {
		return false
	}
	right, err := json.Marshal(b)
	return err == nil && reflect.DeepEqual(left, right)
}

// claims is the script command `claims FILE`: it prints the claims of the token
// in FILE, unverified, as JSON.
func claims(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: claims FILE")
	}
	token, err := jwt.ParseSigned(strings.TrimSpace(ts.ReadFile(args[0])), []jose.SignatureAlgorithm{jose.RS256})
	ts.Check(err)
	all := map[string]any{}
	ts.Check(token.UnsafeClaimsWithoutVerification(&all))
	ts.Check(json.NewEncoder(ts.Stdout()).Encode(all))
}

// expand is the script command `expand FILE`: $NAME in the file becomes the
// script's variable.
func expand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: expand FILE")
	}
	text := os.Expand(ts.ReadFile(args[0]), ts.Getenv)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text), 0o600))
}
