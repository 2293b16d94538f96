package ownports

import (
	"encoding/json"
	"net"
	"os"
	"path/filepath"
	"sync/atomic"
)

const (
	lowest = 20000
	// Each process has a range of its own.
	ranges, each = 200, 50
)

// Ports are those of one process; none is given twice.
type Ports struct{ last atomic.Int32 }

// Give gives the state directory to the listeners that the one at from has, each at a
// port of its own.
func (p *Ports) Give(from, to string) error {
	const file = "ports.json"
	data, err := os.ReadFile(filepath.Join(from, file))
	if err != nil {
		return err
	}
	known := map[string]int{}
	if err := json.Unmarshal(data, &known); err != nil {
		return err
	}
	for name := range known {
		known[name] = p.next()
	}
	if data, err = json.Marshal(known); err != nil {
		return err
	}
	if err := os.MkdirAll(to, 0o700); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(to, file), data, 0o600)
}

// next is a port at which nobody listens.
func (p *Ports) next() int {
	first := lowest + os.Getpid()%ranges*each
	for {
		port := first + int(p.last.Add(1))
		listener, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: port})
		if err == nil {
			_ = listener.Close() // it was only to see whether it is free
			return port
		}
	}
}
