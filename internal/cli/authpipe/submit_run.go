package authpipe

import (
	"context"
	"errors"

	"github.com/authcall/authcall/internal/pipelinespec"
	"github.com/authcall/authcall/internal/vertex"
)

// submit is the command: load, check, submit, watch, tell.
func submit(ctx context.Context, f *factory, o submitOptions) (err error) {
	spec, err := o.source.load(ctx, f)
	if err != nil {
		return err
	}
	setCaching(spec, o.caching)
	o.local.ownImage, o.local.brief = o.source.image, true
	v, err := f.venue(ctx, o.placeFlags)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, v.close()) }()
	submission, err := o.submission(f, v, spec)
	if err != nil {
		return err
	}
	request, err := submission.Request()
	if err != nil {
		return err
	}
	if o.dryRun {
		return printMessage(f.stdout, request)
	}
	s, err := f.open(ctx, v.target)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	w := newWatcher(f, s, v)
	w.output, w.timeout, w.inProcess = o.output, o.timeout, o.local.on
	return o.perform(ctx, w, submission)
}

// perform sends the submission, and waits for the run's end where that is asked
// for.
func (o submitOptions) perform(ctx context.Context, w *watcher, submission vertex.Submission) error {
	w.say("submitting %s%s", submission.JobID, as(w.session.principal(ctx)))
	job, err := vertex.Submit(ctx, w.session, submission)
	if err != nil {
		return w.session.explain(ctx, err)
	}
	if w.venue.endpoint == "" {
		w.say("see %s", vertex.ConsoleURL(job.GetName()))
	}
	if o.wait {
		w.submitted = job
		return w.watch(ctx, job.GetName())
	}
	w.say("submitted; to watch it: %s", w.command("watch", job.GetName()))
	return w.print(job)
}

// submission puts everything together that makes a run.
func (o submitOptions) submission(f *factory, v *venue, spec *pipelinespec.Spec) (vertex.Submission, error) {
	account, accountErr := v.account(o.serviceAccount, f.defaults)
	root, rootErr := v.root(o.pipelineRoot, f.defaults, spec.DefaultPipelineRoot)
	values, valuesErr := o.values(v, spec)
	if err := errors.Join(accountErr, rootErr, valuesErr); err != nil {
		return vertex.Submission{}, err
	}
	id := o.jobID
	if id == "" {
		id = vertex.NewJobID(spec.PipelineInfo.Name, f.now())
	}
	return vertex.Submission{
		Project:        v.project,
		Location:       v.location,
		Spec:           spec,
		Parameters:     values,
		PipelineRoot:   root,
		ServiceAccount: account,
		JobID:          id,
		DisplayName:    o.displayName,
		Labels:         o.labels,
	}, nil
}

// values types the parameters as the pipeline declares them.
func (o submitOptions) values(v *venue, spec *pipelinespec.Spec) (map[string]any, error) {
	texts, err := o.parameters.texts(spec)
	if err != nil {
		return nil, err
	}
	if v.local != nil && o.source.builtin() {
		addExample(texts, v.local.Example(o.source.name), spec)
	}
	return spec.BindParameters(texts)
}

// setCaching overrides what the spec says of caching in all of its tasks.
func setCaching(spec *pipelinespec.Spec, caching string) {
	if caching == "" {
		return
	}
	components := []*pipelinespec.Component{spec.Root}
	for _, c := range spec.Components {
		components = append(components, c)
	}
	for _, c := range components {
		if c.Dag == nil {
			continue
		}
		for _, task := range c.Dag.Tasks {
			task.CachingOptions = &pipelinespec.CachingOptions{EnableCache: caching == "true"}
		}
	}
}
