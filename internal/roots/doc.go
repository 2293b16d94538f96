// Package roots gives the certificate authorities that servers are checked
// against: the system's, or on a system without any those that Mozilla trusts.
package roots
