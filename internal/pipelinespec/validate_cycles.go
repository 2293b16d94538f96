package pipelinespec

import (
	"maps"
	"slices"
	"strings"
)

// cycle tells the first circle of tasks that wait for one another.
func (v *validator) cycle(at place, dag *Dag) {
	edges := make(map[string][]string, len(dag.Tasks))
	for name, task := range dag.Tasks {
		edges[name] = task.Upstream()
	}
	if circle := findCycle(edges); circle != nil {
		v.add(at, "tasks wait for one another: %s", strings.Join(circle, " -> "))
	}
}

// recursion tells the first circle of components that contain one another.
func (v *validator) recursion() {
	edges := make(map[string][]string, len(v.spec.Components))
	for name, component := range v.spec.Components {
		edges[name] = component.uses()
	}
	if circle := findCycle(edges); circle != nil {
		v.add("components", "they contain one another: %s", strings.Join(circle, " -> "))
	}
}

func (c *Component) uses() []string {
	if c.Dag == nil {
		return nil
	}
	names := make(map[string]bool)
	for _, task := range c.Dag.Tasks {
		names[task.ComponentRef.Name] = true
	}
	return slices.Sorted(maps.Keys(names))
}

// findCycle gives a circle as the way from a node back to itself, or nil.
func findCycle(edges map[string][]string) []string {
	done := make(map[string]bool)
	var way []string
	var visit func(node string) []string
	visit = func(node string) []string {
		if i := slices.Index(way, node); i >= 0 {
			return append(slices.Clone(way[i:]), node)
		}
		if done[node] {
			return nil
		}
		way = append(way, node)
		defer func() { way = way[:len(way)-1]; done[node] = true }()
		for _, next := range edges[node] {
			if circle := visit(next); circle != nil {
				return circle
			}
		}
		return nil
	}
	for _, node := range slices.Sorted(maps.Keys(edges)) {
		if circle := visit(node); circle != nil {
			return circle
		}
	}
	return nil
}
