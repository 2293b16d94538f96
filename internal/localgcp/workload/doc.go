// Package workload is the identity provider of a system outside Google, such as a
// CI service, whose tokens the Security Token Service takes.
package workload
