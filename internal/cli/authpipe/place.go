package authpipe

import "github.com/spf13/pflag"

// placeFlags say where runs are: in the cloud or in the local Google.
type placeFlags struct {
	// cloud names the project and the region; it is not used with local.
	cloud targetFlags
	// local says that they are in the local Google, and which one that is.
	local localFlags
}

func (p *placeFlags) register(flags *pflag.FlagSet) {
	p.cloud.register(flags)
	p.local.register(flags)
}

// check tells of flags for one place beside those for the other.
func (p *placeFlags) check() error {
	if p.local.on && (p.cloud != targetFlags{}) {
		return usageErrorf("--project and --location do not go with --local, whose configuration names them")
	}
	if !p.local.on && (p.local.config != "" || p.local.stateDir != "") {
		return usageErrorf("--local-config and --state-dir need --local")
	}
	return nil
}
