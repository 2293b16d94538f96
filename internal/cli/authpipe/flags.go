package authpipe

import (
	"github.com/spf13/pflag"
)

// jsonOutput is the one machine-readable form of output.
const jsonOutput = "json"

func addTargetFlags(flags *pflag.FlagSet, t *targetFlags) {
	flags.StringVar(&t.project, "project", "", "`ID` of the project (AUTHPIPE_PROJECT, GOOGLE_CLOUD_PROJECT)")
	flags.StringVar(&t.location, "location", "", "`REGION` of the run (AUTHPIPE_LOCATION)")
}

func addOutputFlag(flags *pflag.FlagSet, output *string) {
	flags.StringVarP(output, "output", "o", "", "`json`: print one JSON document on stdout, as Vertex AI's REST API gives it")
}

func checkOutput(output string) error {
	if output != "" && output != jsonOutput {
		return usageErrorf("-o %s: want json", output)
	}
	return nil
}
