// Package apierror is the shape in which Google's REST APIs tell errors.
package apierror
