// Package localgcp is the embedded local Google: on loopback it runs the
// metadata servers, APIs and front doors that a pipeline and its authenticated
// call need, under policies that a file declares.
package localgcp
