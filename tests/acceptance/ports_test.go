package acceptance

import (
	"encoding/json"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strconv"

	"github.com/rogpeppe/go-internal/testscript"
)

// The ports of the local Googles that a script starts again, or calls after their end.
// Systems give other ones to those who ask for any, as all other tests do.
const (
	lowestPort  = 20000
	highestPort = 30000
)

// ports is the script command `ports DIR`: the local Google of this state directory
// is where it is alone, so that its ports are free when it has ended. It has the
// listeners of the Google that has made the keys.
func ports(ts *testscript.TestScript, neg bool, args []string, made string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: ports DIR")
	}
	data, err := os.ReadFile(filepath.Join(made, "ports.json"))
	ts.Check(err)
	known, taken := map[string]int{}, map[int]bool{}
	ts.Check(json.Unmarshal(data, &known))
	for name := range known {
		port := unusedPort(ts)
		for taken[port] {
			port = unusedPort(ts)
		}
		known[name], taken[port] = port, true
	}
	data, err = json.Marshal(known)
	ts.Check(err)
	dir := ts.MkAbs(args[0])
	ts.Check(os.MkdirAll(dir, 0o700))
	ts.Check(os.WriteFile(filepath.Join(dir, "ports.json"), data, 0o600))
}

func unusedPort(ts *testscript.TestScript) int {
	for {
		port := lowestPort + rand.N(highestPort-lowestPort) //nolint:gosec // no secret
		listener, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if err == nil {
			ts.Check(listener.Close())
			return port
		}
	}
}
