package localgcp

import (
	"bytes"
	_ "embed" // for default.yaml
	"errors"
	"fmt"
	"io"
	"os"

	"go.yaml.in/yaml/v3"

	"github.com/authcall/authcall/internal/localgcp/metadata"
	"github.com/authcall/authcall/internal/yamlfault"
)

//go:embed default.yaml
var defaultYAML []byte

// DefaultYAML is the default configuration as a commented file.
func DefaultYAML() []byte { return bytes.Clone(defaultYAML) }

// Default is the configuration that DefaultYAML declares.
func Default() (*Config, error) { return ParseConfig(defaultYAML) }

// LoadConfig reads a configuration file.
func LoadConfig(path string) (*Config, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	c, err := ParseConfig(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return c, nil
}

// ParseConfig reads a configuration strictly and validates it. What it leaves
// out is empty, save that project, region, universe_domain
// and metadata have defaults, and that
// submitter and pipeline_account are the first user and account.
func ParseConfig(data []byte) (*Config, error) {
	c := &Config{
		Project:        "local-project",
		ProjectNumber:  "123456789012",
		Region:         "us-central1",
		UniverseDomain: "googleapis.com",
		Metadata:       metadata.Vertex404,
	}
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	decoder.KnownFields(true)
	if err := decoder.Decode(c); err != nil && !errors.Is(err, io.EOF) {
		return nil, yamlfault.Plain(err)
	}
	if err := decoder.Decode(&Config{}); !errors.Is(err, io.EOF) {
		return nil, errors.New("more than one YAML document")
	}
	if c.Submitter == "" && len(c.Users) > 0 {
		c.Submitter = c.Users[0]
	}
	if c.PipelineAccount == "" && len(c.Accounts) > 0 {
		c.PipelineAccount = c.Accounts[0].Email
	}
	return c, c.validate()
}
