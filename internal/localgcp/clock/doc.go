// Package clock is the time of the local Google: the machine's, shifted, and
// moved forward by those who do not want to wait.
package clock
