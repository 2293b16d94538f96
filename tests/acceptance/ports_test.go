package acceptance

import (
	"encoding/json"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"sync/atomic"

	"github.com/rogpeppe/go-internal/testscript"
)

// lastPort is the last that a script was given; none gets it again.
var lastPort atomic.Int32

// ports is the script command `ports DIR`: the local Google of this state directory
// is where it is alone, so that its ports are free when it has ended: below those that
// systems give to whoever asks for any, as all other tests do. It has the listeners of
// the Google that has made the keys.
func ports(ts *testscript.TestScript, neg bool, args []string, made string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: ports DIR")
	}
	data, err := os.ReadFile(filepath.Join(made, "ports.json"))
	ts.Check(err)
	known := map[string]int{}
	ts.Check(json.Unmarshal(data, &known))
	for name := range known {
		known[name] = unusedPort(ts)
	}
	data, err = json.Marshal(known)
	ts.Check(err)
	dir := ts.MkAbs(args[0])
	ts.Check(os.MkdirAll(dir, 0o700))
	ts.Check(os.WriteFile(filepath.Join(dir, "ports.json"), data, 0o600))
}

func unusedPort(ts *testscript.TestScript) int {
	lowest := 25000 + os.Getpid()%100*50 // each process has a range of its own
	for {
		port := lowest + int(lastPort.Add(1))
		listener, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if err == nil {
			ts.Check(listener.Close())
			return port
		}
	}
}
