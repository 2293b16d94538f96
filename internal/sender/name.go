package sender

import (
	"errors"
	"path"

	"google.golang.org/api/iterator"
)

// Parent is the resource name that a resource lies below, as in
// projects/PROJECT/locations/LOCATION.
func Parent(name string) string { return path.Dir(path.Dir(name)) }

// ID is the last part of a resource name.
func ID(name string) string { return path.Base(name) }

// Collect takes at most limit things from an iterator of Google's clients.
func Collect[T any](next func() (T, error), limit int) ([]T, error) {
	var all []T
	for len(all) < limit {
		one, err := next()
		if errors.Is(err, iterator.Done) {
			break
		}
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, nil
}
