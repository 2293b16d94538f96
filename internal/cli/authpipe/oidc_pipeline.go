package authpipe

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"

	"github.com/spf13/pflag"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/authcall/authcall/internal/pipelinespec"
	"github.com/authcall/authcall/internal/sender"
	"github.com/authcall/authcall/internal/vertex"
)

// pipelineFlags make a call that starts a pipeline.
type pipelineFlags struct {
	source     source
	parameters parameterFlags
	// receiver is the URL of an authpipe serve; empty means the Vertex AI API.
	receiver string
	// account is what the pipeline runs as, root its gs:// folder.
	account, root string
	// ranAs is the account that a run will have, once all is read.
	ranAs string
}

func (p *pipelineFlags) register(flags *pflag.FlagSet) {
	flags.StringVar(&p.source.name, "pipeline", "", "`"+sourceArg+"` to start, in place of --url and --body")
	flags.StringArrayVarP(&p.parameters.pairs, "param", "p", nil, "`NAME=VALUE` of a parameter of the pipeline, may be repeated")
	flags.StringVar(&p.parameters.file, "params-file", "", "JSON or YAML `FILE` of parameters; -p wins over it")
	flags.StringVar(&p.receiver, "via-receiver", "", "`URL` of an authpipe serve that starts the pipeline (default: the Vertex AI API itself)")
	flags.StringVar(&p.account, "pipeline-account", "", "`EMAIL` of the account that the steps run as (AUTHPIPE_SERVICE_ACCOUNT)")
	flags.StringVar(&p.root, "pipeline-root", "", "gs:// `FOLDER` for artifacts (AUTHPIPE_PIPELINE_ROOT)")
	p.source.registerImage(flags)
}

// direct tells whether the pipeline's spec is in the call.
func (p *pipelineFlags) direct() bool { return p.source.name != "" && p.receiver == "" }

// apply makes the call, where there is a pipeline.
func (p *pipelineFlags) apply(ctx context.Context, f *factory, t target, call *sender.Settings) error {
	if err := p.check(call); err != nil || p.source.name == "" {
		return err
	}
	spec, err := p.source.load(ctx, f)
	if err != nil {
		return err
	}
	texts, err := p.parameters.texts(spec)
	if err != nil {
		return err
	}
	values, err := spec.BindParameters(texts)
	if err != nil {
		return err
	}
	url := p.receiver
	if url == "" {
		url = "https://" + t.location + "-aiplatform.googleapis.com/v1/" + t.parent() + "/pipelineJobs"
		call.Body, err = p.job(f, t, spec, values)
	} else {
		call.Body, err = json.Marshal(values)
	}
	call.URL = &url
	return err
}

func (p *pipelineFlags) check(call *sender.Settings) error {
	switch {
	case p.source.name == "" && (len(p.parameters.pairs) > 0 || p.parameters.file != "" || p.receiver != "" || p.account != "" || p.root != "" || p.source.image != ""):
		return usageErrorf("--param, --params-file, --via-receiver, --pipeline-account, --pipeline-root and --image need --pipeline")
	case p.source.name != "" && (call.URL != nil || call.Body != nil || call.Method != nil):
		return usageErrorf("--pipeline says what is called: --url, --method, --body and --body-file do not go with it")
	case p.receiver != "" && (p.account != "" || p.root != ""):
		return usageErrorf("--pipeline-account and --pipeline-root do not go with --via-receiver: the receiver's configuration says them")
	}
	return nil
}

// job is the body that makes the Vertex AI API start the pipeline.
func (p *pipelineFlags) job(f *factory, t target, spec *pipelinespec.Spec, values map[string]any) ([]byte, error) {
	account, accountErr := orDefault("--pipeline-account", p.account, f.defaults.ServiceAccount, "AUTHPIPE_SERVICE_ACCOUNT")
	root, rootErr := orDefault("--pipeline-root", p.root, cmp.Or(f.defaults.PipelineRoot, spec.DefaultPipelineRoot), "AUTHPIPE_PIPELINE_ROOT")
	if err := errors.Join(accountErr, rootErr); err != nil {
		return nil, err
	}
	p.ranAs = account
	request, err := vertex.Submission{
		Project: t.project, Location: t.location, Spec: spec, Parameters: values, PipelineRoot: root, ServiceAccount: account,
		JobID: vertex.NewJobID(spec.PipelineInfo.Name, f.now()), // the API makes one for each run
	}.Request()
	if err != nil {
		return nil, err
	}
	data, err := protojson.Marshal(request.GetPipelineJob())
	if err != nil {
		return nil, err
	}
	var stable any // protojson varies its spaces from build to build, and a job is compared by its bytes
	if err := json.Unmarshal(data, &stable); err != nil {
		return nil, err
	}
	return json.Marshal(stable)
}
