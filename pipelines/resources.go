package pipelines

import (
	"fmt"
	"regexp"
	"strconv"

	"github.com/authcall/authcall/internal/pipelinespec"
	"sync"
)

// Resources are what a task's container gets, as Kubernetes quantities: CPU in
// cores such as 2 or 500m, memory in bytes such as 512Mi or 2G.
type Resources struct {
	// CPU and Memory are the most that it gets; empty leaves it to the runtime.
	CPU, Memory string
	// CPURequest and MemoryRequest are what it is promised, in the same units;
	// empty leaves it to the runtime.
	CPURequest, MemoryRequest string
}

func (r Resources) spec() (*pipelinespec.Resources, error) {
	if r == (Resources{}) {
		return nil, nil
	}
	out := &pipelinespec.Resources{
		ResourceCPULimit:      r.CPU,
		ResourceMemoryLimit:   r.Memory,
		ResourceCPURequest:    r.CPURequest,
		ResourceMemoryRequest: r.MemoryRequest,
	}
	// Older runtimes read numbers: cores, and memory in 10^9 bytes.
	const gigabyte = 1e9
	for _, q := range []struct {
		name, text string
		unit       float64
		into       *float64
	}{
		{"cpu", r.CPU, 1, &out.CPULimit},
		{"memory", r.Memory, gigabyte, &out.MemoryLimit},
		{"cpu request", r.CPURequest, 1, &out.CPURequest},
		{"memory request", r.MemoryRequest, gigabyte, &out.MemoryRequest},
	} {
		n, err := quantity(q.text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", q.name, err)
		}
		*q.into = n / q.unit
	}
	return out, nil
}

var quantityPattern = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^([0-9]+(?:\.[0-9]+)?)(m|k|M|G|T|Ki|Mi|Gi|Ti)?$`)
})

// quantity reads a Kubernetes quantity; "" is zero.
func quantity(text string) (float64, error) {
	if text == "" {
		return 0, nil
	}
	match := quantityPattern().FindStringSubmatch(text)
	if match == nil {
		return 0, fmt.Errorf("got %q, want a quantity such as 2, 500m or 512Mi", text)
	}
	n, err := strconv.ParseFloat(match[1], 64)
	return n * suffix(match[2]), err
}

func suffix(s string) float64 {
	switch s {
	case "m":
		return 1e-3
	case "k":
		return 1e3
	case "M":
		return 1e6
	case "G":
		return 1e9
	case "T":
		return 1e12
	case "Ki":
		return 1 << 10
	case "Mi":
		return 1 << 20
	case "Gi":
		return 1 << 30
	case "Ti":
		return 1 << 40
	default:
		return 1
	}
}
