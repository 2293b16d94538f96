package rights

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"google.golang.org/api/googleapi"
	"google.golang.org/api/iam/v1"
)

// Checker looks which rights are there, and grants those that are missing.
type Checker struct {
	apis *apis
	// number is the project's, once it is known.
	number string
	// policies are those that were read.
	policies map[Resource]reading
}

// reading is a policy, or why it could not be read.
type reading struct {
	policy policy
	err    error
}

// New makes a checker. It sends nothing yet.
func New(ctx context.Context, o Options) (*Checker, error) {
	if o.Credentials == nil {
		return nil, errors.New("no credentials given for Google's APIs")
	}
	a, err := newAPIs(ctx, o)
	return &Checker{apis: a, policies: map[Resource]reading{}}, err
}

// patience bounds the looks of one checklist together.
const patience = time.Minute

// Number is the number of the project.
func (c *Checker) Number(ctx context.Context, project string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	p, err := c.apis.projects.Projects.Get(project).Context(ctx).Do()
	if err != nil {
		return "", err
	}
	c.number = strconv.FormatInt(p.ProjectNumber, 10)
	return c.number, nil
}

// NumberCommand stands for the number of a project where it is not known.
func NumberCommand(project string) string {
	return "$(gcloud projects describe " + project + " --format='value(projectNumber)')"
}

// Check looks for each need.
func (c *Checker) Check(ctx context.Context, needs []Need) []Row {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	rows := make([]Row, 0, len(needs))
	for _, n := range needs {
		switch {
		case n.test != "":
			rows = append(rows, c.test(ctx, n))
		case n.blind != "":
			rows = append(rows, unseen(n, n.blind))
		default:
			rows = append(rows, c.look(ctx, n))
		}
	}
	return rows
}

// test asks about the caller's own permission, which everybody may ask.
func (c *Checker) test(ctx context.Context, n Need) Row {
	r := &iam.TestIamPermissionsRequest{Permissions: []string{n.test}}
	account := n.Binding.Resource
	answer, err := c.apis.accounts.Projects.ServiceAccounts.TestIamPermissions(account.Name(""), r).Context(ctx).Do()
	switch {
	case isStatus(err, http.StatusNotFound):
		return noAccount(n)
	case err != nil:
		return unseen(n, reason(err))
	case slices.Contains(answer.Permissions, n.test):
		return Row{Name: n.Name, State: Held}
	}
	return missing(n, "you lack "+n.test)
}

func noAccount(n Need) Row {
	row := Row{Name: n.Name, State: Missing, Detail: "the account does not exist"}
	if r := n.Binding.Resource; r.Project != "" {
		row.Cure = fmt.Sprintf("gcloud iam service-accounts create %s --project=%s", localPart(r.ID), r.Project)
	}
	return row
}

// look searches the policies that may give the right.
func (c *Checker) look(ctx context.Context, n Need) Row {
	perhaps, absent := "", false
	for i, resource := range n.given() {
		read := c.read(ctx, resource)
		if i == 0 && isStatus(read.err, http.StatusNotFound) {
			switch resource.Kind {
			case Account:
				return noAccount(n)
			case Topic, Subscription: // they are made with the rest
				absent = true
				continue
			}
			return Row{Name: n.Name, State: Missing, Detail: "there is no " + resource.String(), Cure: "check --target, --region and --project"}
		}
		if read.err != nil {
			perhaps = fmt.Sprintf("you may not see the policy of %s: %s", resource, reason(read.err))
			continue
		}
		v := read.policy.judge(n.Binding.Member, n.roles)
		if v.held {
			return Row{Name: n.Name, State: Held}
		}
		if v.perhaps != "" {
			perhaps = "it may come with " + v.perhaps
		}
	}
	switch {
	case absent:
		row := missing(n, fmt.Sprintf("%s is not there yet", n.Binding.Resource))
		row.State = Later
		return row
	case perhaps != "":
		return unseen(n, perhaps)
	}
	return missing(n, fmt.Sprintf("%s has no %s on %s", n.Binding.Member, n.Binding.Role, n.Binding.Resource))
}

func (c *Checker) read(ctx context.Context, r Resource) reading {
	if read, ok := c.policies[r]; ok {
		return read
	}
	var read reading
	_, read.policy, read.err = c.fetch(ctx, r)
	c.policies[r] = read
	return read
}

// fetch reads a policy, as JSON and as far as it is judged.
func (c *Checker) fetch(ctx context.Context, r Resource) (data []byte, p policy, err error) {
	got, err := c.apis.policies[r.Kind].get(ctx, r.Name(c.number))
	if err != nil {
		return nil, policy{}, err
	}
	if data, err = got.MarshalJSON(); err != nil {
		return nil, policy{}, err
	}
	return data, p, json.Unmarshal(data, &p)
}

func missing(n Need, detail string) Row {
	return Row{Name: n.Name, State: Missing, Detail: detail, Cure: n.Binding.Command(), Optional: n.optional, grant: &n.Binding}
}

func unseen(n Need, detail string) Row {
	return Row{Name: n.Name, State: Unseen, Detail: detail, Cure: n.Binding.Command()}
}

func isStatus(err error, codes ...int) bool {
	e, ok := errors.AsType[*googleapi.Error](err)
	return ok && slices.Contains(codes, e.Code)
}

// reason is the message of an API's error without its details, on one line.
func reason(err error) string {
	text := err.Error()
	if e, ok := errors.AsType[*googleapi.Error](err); ok {
		text = fmt.Sprintf("%d %s", e.Code, e.Message)
	}
	return strings.Join(strings.Fields(text), " ")
}
