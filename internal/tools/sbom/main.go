// Command sbom lists what a Go program is made of, read from the program itself,
// as a software bill of materials in CycloneDX's JSON. The same program gives the
// same list.
package main

import (
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/CycloneDX/cyclonedx-go"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "sbom:", err)
		os.Exit(1)
	}
}

func run(args []string, out io.Writer) error {
	flags := flag.NewFlagSet("sbom", flag.ContinueOnError)
	name := flags.String("name", "", "`NAME` of the program (default: its import path)")
	version := flags.String("version", "", "`VERSION` of the program (default: its module's)")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() != 1 {
		return fmt.Errorf("got %d arguments, want the file of one Go program", flags.NArg())
	}
	bom, err := list(flags.Arg(0), *name, *version)
	if err != nil {
		return err
	}
	// Not the newest version: scanners read this one.
	return cyclonedx.NewBOMEncoder(out, cyclonedx.BOMFileFormatJSON).SetPretty(true).EncodeVersion(bom, cyclonedx.SpecVersion1_5)
}

// list reads the program's own build record.
func list(file, name, version string) (*cyclonedx.BOM, error) {
	build, err := buildinfo.ReadFile(file)
	if err != nil {
		return nil, err
	}
	sum, err := digest(file)
	if err != nil {
		return nil, err
	}
	if name == "" {
		name = build.Path
	}
	if version == "" {
		version = build.Main.Version
	}
	program := module(build.Main.Path, version)
	program.Name, program.Type = name, cyclonedx.ComponentTypeApplication
	program.Hashes = &[]cyclonedx.Hash{{Algorithm: cyclonedx.HashAlgoSHA256, Value: sum}}
	components := []cyclonedx.Component{module("std", strings.TrimPrefix(build.GoVersion, "go"))}
	for _, dep := range build.Deps {
		if dep.Replace != nil {
			dep = dep.Replace
		}
		components = append(components, module(dep.Path, dep.Version))
	}
	bom := cyclonedx.NewBOM()
	bom.Metadata = &cyclonedx.Metadata{Component: &program}
	bom.Components = &components
	bom.Dependencies = &[]cyclonedx.Dependency{dependsOn(program, components)}
	return bom, nil
}

func digest(file string) (sum string, err error) {
	f, err := os.Open(file)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	hash := sha256.New()
	if _, err := io.Copy(hash, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}

func module(path, version string) cyclonedx.Component {
	url := purl(path, version)
	return cyclonedx.Component{BOMRef: url, Type: cyclonedx.ComponentTypeLibrary, Name: path, Version: version, PackageURL: url}
}

func purl(path, version string) string {
	if version == "" {
		return "pkg:golang/" + path
	}
	return "pkg:golang/" + path + "@" + version
}

// dependsOn says that a program holds all components; its build record does not
// tell which of them uses which.
func dependsOn(program cyclonedx.Component, components []cyclonedx.Component) cyclonedx.Dependency {
	refs := make([]string, 0, len(components))
	for _, c := range components {
		refs = append(refs, c.BOMRef)
	}
	return cyclonedx.Dependency{Ref: program.BOMRef, Dependencies: &refs}
}
