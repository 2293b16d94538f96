package rights

import (
	"context"
	"encoding/json"
	"fmt"

	"google.golang.org/api/cloudfunctions/v1"
	"google.golang.org/api/cloudresourcemanager/v1"
	"google.golang.org/api/iam/v1"
	"google.golang.org/api/iap/v1"
	"google.golang.org/api/pubsub/v1"
	"google.golang.org/api/run/v1"
	"google.golang.org/api/serviceusage/v1"
)

func (a *apis) openAccounts(ctx context.Context, o Options) error {
	options, err := o.client("AUTHCALL_IAM_ADMIN_ENDPOINT", o.Endpoints.IAM)
	if err != nil {
		return err
	}
	if a.accounts, err = iam.NewService(ctx, options...); err != nil {
		return err
	}
	service := a.accounts.Projects.ServiceAccounts
	a.policies[Account] = policyAPI{
		get: func(ctx context.Context, name string) (json.Marshaler, error) {
			return service.GetIamPolicy(name).OptionsRequestedPolicyVersion(version).Context(ctx).Do()
		},
		set: func(ctx context.Context, name string, p []byte) error {
			r := &iam.SetIamPolicyRequest{Policy: new(iam.Policy)}
			return decoded(p, r.Policy, func() error { return result(service.SetIamPolicy(name, r).Context(ctx).Do()) })
		},
	}
	return nil
}

func (a *apis) openProjects(ctx context.Context, o Options) error {
	options, err := o.client("AUTHPIPE_RESOURCE_MANAGER_ENDPOINT", o.Endpoints.ResourceManager)
	if err != nil {
		return err
	}
	if a.projects, err = cloudresourcemanager.NewService(ctx, options...); err != nil {
		return err
	}
	service := a.projects.Projects
	a.policies[Project] = policyAPI{
		get: func(ctx context.Context, name string) (json.Marshaler, error) {
			r := &cloudresourcemanager.GetIamPolicyRequest{Options: &cloudresourcemanager.GetPolicyOptions{RequestedPolicyVersion: version}}
			return service.GetIamPolicy(name, r).Context(ctx).Do()
		},
		set: func(ctx context.Context, name string, p []byte) error {
			r := &cloudresourcemanager.SetIamPolicyRequest{Policy: new(cloudresourcemanager.Policy)}
			return decoded(p, r.Policy, func() error { return result(service.SetIamPolicy(name, r).Context(ctx).Do()) })
		},
	}
	return nil
}

func (a *apis) openRun(ctx context.Context, o Options) error {
	options, err := o.client("AUTHPIPE_RUN_ENDPOINT", o.Endpoints.Run)
	if err != nil {
		return err
	}
	client, err := run.NewService(ctx, options...)
	if err != nil {
		return err
	}
	service := client.Projects.Locations.Services
	a.policies[RunService] = policyAPI{
		get: func(ctx context.Context, name string) (json.Marshaler, error) {
			return service.GetIamPolicy(name).OptionsRequestedPolicyVersion(version).Context(ctx).Do()
		},
		set: func(ctx context.Context, name string, p []byte) error {
			r := &run.SetIamPolicyRequest{Policy: new(run.Policy)}
			return decoded(p, r.Policy, func() error { return result(service.SetIamPolicy(name, r).Context(ctx).Do()) })
		},
	}
	return nil
}

func (a *apis) openFunctions(ctx context.Context, o Options) error {
	options, err := o.client("AUTHPIPE_FUNCTIONS_ENDPOINT", o.Endpoints.Functions)
	if err != nil {
		return err
	}
	client, err := cloudfunctions.NewService(ctx, options...)
	if err != nil {
		return err
	}
	service := client.Projects.Locations.Functions
	a.policies[Function] = policyAPI{
		get: func(ctx context.Context, name string) (json.Marshaler, error) {
			return service.GetIamPolicy(name).OptionsRequestedPolicyVersion(version).Context(ctx).Do()
		},
		set: func(ctx context.Context, name string, p []byte) error {
			r := &cloudfunctions.SetIamPolicyRequest{Policy: new(cloudfunctions.Policy)}
			return decoded(p, r.Policy, func() error { return result(service.SetIamPolicy(name, r).Context(ctx).Do()) })
		},
	}
	return nil
}

func (a *apis) openIAP(ctx context.Context, o Options) error {
	options, err := o.client("AUTHPIPE_IAP_ENDPOINT", o.Endpoints.IAP)
	if err != nil {
		return err
	}
	client, err := iap.NewService(ctx, options...)
	if err != nil {
		return err
	}
	service := client.V1
	a.policies[IAPService] = policyAPI{
		get: func(ctx context.Context, name string) (json.Marshaler, error) {
			r := &iap.GetIamPolicyRequest{Options: &iap.GetPolicyOptions{RequestedPolicyVersion: version}}
			return service.GetIamPolicy(name, r).Context(ctx).Do()
		},
		set: func(ctx context.Context, name string, p []byte) error {
			r := &iap.SetIamPolicyRequest{Policy: new(iap.Policy)}
			return decoded(p, r.Policy, func() error { return result(service.SetIamPolicy(name, r).Context(ctx).Do()) })
		},
	}
	return nil
}

func (a *apis) openPubSub(ctx context.Context, o Options) error {
	options, err := o.client("AUTHPIPE_PUBSUB_REST_ENDPOINT", o.Endpoints.PubSub)
	if err != nil {
		return err
	}
	client, err := pubsub.NewService(ctx, options...)
	if err != nil {
		return err
	}
	topics, subscriptions := client.Projects.Topics, client.Projects.Subscriptions
	a.policies[Topic] = policyAPI{
		get: func(ctx context.Context, name string) (json.Marshaler, error) {
			return topics.GetIamPolicy(name).OptionsRequestedPolicyVersion(version).Context(ctx).Do()
		},
		set: func(ctx context.Context, name string, p []byte) error {
			r := &pubsub.SetIamPolicyRequest{Policy: new(pubsub.Policy)}
			return decoded(p, r.Policy, func() error { return result(topics.SetIamPolicy(name, r).Context(ctx).Do()) })
		},
	}
	a.policies[Subscription] = policyAPI{
		get: func(ctx context.Context, name string) (json.Marshaler, error) {
			return subscriptions.GetIamPolicy(name).OptionsRequestedPolicyVersion(version).Context(ctx).Do()
		},
		set: func(ctx context.Context, name string, p []byte) error {
			r := &pubsub.SetIamPolicyRequest{Policy: new(pubsub.Policy)}
			return decoded(p, r.Policy, func() error { return result(subscriptions.SetIamPolicy(name, r).Context(ctx).Do()) })
		},
	}
	return nil
}

func (a *apis) openUsage(ctx context.Context, o Options) (err error) {
	options, err := o.client("AUTHPIPE_SERVICE_USAGE_ENDPOINT", o.Endpoints.ServiceUsage)
	if err != nil {
		return err
	}
	a.usage, err = serviceusage.NewService(ctx, options...)
	return err
}

// decoded reads a policy into an API's own type, and then sends it.
func decoded(policy []byte, into any, send func() error) error {
	if err := json.Unmarshal(policy, into); err != nil {
		return fmt.Errorf("reading a policy: %w", err)
	}
	return send()
}

// result drops an answer that says nothing new.
func result[T any](_ T, err error) error { return err }
