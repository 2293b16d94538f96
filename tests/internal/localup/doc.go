// Package localup runs `authpipe local up` for tests, and ends it with them.
package localup
