// Package vertextest stands in for Vertex AI and its neighbours under their real
// host names, for tests of programs that know nothing of it: they reach it
// through a proxy on 127.0.0.1 and trust its certificates by their environment
// alone.
package vertextest
