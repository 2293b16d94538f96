// Package localrun runs a compiled pipeline on this machine, each container
// step for real: it schedules tasks, passes parameters and artifacts between
// them, evaluates conditions, and tells an observer how every task fares.
package localrun
