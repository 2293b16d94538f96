// Package sts is the Security Token Service: it takes a token of another identity
// provider and gives an access token of the workload that it stands for.
package sts
