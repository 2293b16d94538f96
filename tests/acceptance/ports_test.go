package acceptance

import (
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/authcall/authcall/internal/localgcp/ownports"
)

// giver is of the script command `ports DIR`: the local Google of this state directory
// gets ports that are free when it has ended. It has the listeners of the Google that
// has made the keys.
func giver(made string) func(ts *testscript.TestScript, neg bool, args []string) {
	ports := new(ownports.Ports)
	return func(ts *testscript.TestScript, neg bool, args []string) {
		if neg || len(args) != 1 {
			ts.Fatalf("usage: ports DIR")
		}
		ts.Check(ports.Give(made, ts.MkAbs(args[0])))
	}
}
