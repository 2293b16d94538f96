package localgcp

import (
	"strings"
)

// PipelineRoot is the folder for the artifacts of runs that are given none.
const PipelineRoot = "gs://local-bucket/runs"

// EnvVar is one variable of an environment.
type EnvVar struct{ Name, Value string }

// String is NAME=VALUE, as processes get it.
func (v EnvVar) String() string { return v.Name + "=" + v.Value }

// Env is the environment that points other clients at the local Google:
// authcall and authpipe, Google's libraries for Go and Python, and gcloud.
func (s *Server) Env() []EnvVar {
	s.mu.Lock()
	host := s.metadata[s.config.PipelineAccount]
	s.mu.Unlock()
	env := append(s.machineEnv(host), s.endpointEnv()...)
	env = append(env, s.runEnv()...)
	env = append(env, s.mountEnv())
	env = append(env, s.gcloudEnv()...)
	return append(env, s.serviceEnv()...)
}

// machineEnv is what a process needs to think that it runs on a machine of the
// project. google-auth for Python finds the machine by GCE_METADATA_IP and asks
// it by GCE_METADATA_HOST; all others know the latter alone.
func (s *Server) machineEnv(metadataHost string) []EnvVar {
	return []EnvVar{
		{"GCE_METADATA_HOST", metadataHost},
		{"GCE_METADATA_IP", metadataHost},
		{"GOOGLE_CLOUD_PROJECT", s.config.Project},
	}
}

// endpointEnv is where our own programs find the APIs.
func (s *Server) endpointEnv() []EnvVar {
	return []EnvVar{
		{"AUTHCALL_IAM_ENDPOINT", s.apiURL},
		{"AUTHCALL_IAM_ADMIN_ENDPOINT", s.apiURL},
		{"AUTHCALL_TOKEN_INFO_ENDPOINT", s.apiURL + "/tokeninfo"},
		{"AUTHCALL_SECRET_MANAGER_ENDPOINT", s.apiURL},
		{"AUTHPIPE_VERTEX_ENDPOINT", s.rpcAddress},
		{"AUTHPIPE_SCHEDULER_ENDPOINT", s.rpcAddress},
		{"AUTHPIPE_TASKS_ENDPOINT", s.rpcAddress},
		{"AUTHPIPE_PUBSUB_ENDPOINT", s.rpcAddress},
		{"AUTHPIPE_RUN_ENDPOINT", s.apiURL},
		{"AUTHPIPE_RESOURCE_MANAGER_ENDPOINT", s.apiURL},
		{"AUTHPIPE_FUNCTIONS_ENDPOINT", s.apiURL},
		{"AUTHPIPE_IAP_ENDPOINT", s.apiURL},
		{"AUTHPIPE_PUBSUB_REST_ENDPOINT", s.apiURL},
		{"AUTHPIPE_SERVICE_USAGE_ENDPOINT", s.apiURL},
		{"AUTHPIPE_LOCAL_ENDPOINT", s.apiURL},
		{"AUTHPIPE_KEYS_URL", s.apiURL + "/oauth2/v3/certs"},
	}
}

// runEnv is what authpipe wants to know of every run, so that one here needs no
// flag that one in the cloud needs.
func (s *Server) runEnv() []EnvVar {
	return []EnvVar{
		{"AUTHPIPE_PROJECT", s.config.Project},
		{"AUTHPIPE_LOCATION", s.config.Region},
		{"AUTHPIPE_PIPELINE_ROOT", PipelineRoot},
		{"AUTHPIPE_SERVICE_ACCOUNT", s.config.PipelineAccount},
		{"AUTHPIPE_SUBMITTER_CREDENTIALS", s.SubmitterCredentialsFile()},
	}
}

// mountEnv is where a process finds the buckets; a container has them at /gcs.
func (s *Server) mountEnv() EnvVar { return EnvVar{"AUTHCALL_MOUNT_ROOT", s.state.dir} }

// gcloudEnv keeps gcloud away from the user's own settings. Its endpoints need
// the slash at the end.
func (s *Server) gcloudEnv() []EnvVar {
	env := []EnvVar{
		{"CLOUDSDK_CONFIG", s.state.path("gcloud")},
		{"CLOUDSDK_CORE_PROJECT", s.config.Project},
		{"CLOUDSDK_CORE_DISABLE_PROMPTS", "1"},
		{"CLOUDSDK_AUTH_ACCESS_TOKEN_FILE", s.accessTokenFile()},
	}
	for _, api := range []string{
		"AIPLATFORM", "CLOUDFUNCTIONS", "CLOUDRESOURCEMANAGER", "CLOUDSCHEDULER", "CLOUDTASKS", "IAM", "IAMCREDENTIALS", "IAP",
		"PUBSUB", "RUN", "SECRETMANAGER", "SERVICEUSAGE",
	} {
		env = append(env, EnvVar{"CLOUDSDK_API_ENDPOINT_OVERRIDES_" + api, s.apiURL + "/"})
	}
	return append(env, EnvVar{"STORAGE_EMULATOR_HOST", s.apiURL})
}

func (s *Server) serviceEnv() []EnvVar {
	var env []EnvVar
	for _, service := range s.config.Services {
		env = append(env, EnvVar{"AUTHPIPE_LOCAL_URL_" + variable(service.Name), s.services[service.Name]})
	}
	for _, c := range s.config.Credentials {
		env = append(env, EnvVar{"AUTHPIPE_LOCAL_CREDENTIALS_" + variable(c.Name), s.CredentialsFile(c.Name)})
	}
	return env
}

func variable(name string) string { return strings.ToUpper(strings.ReplaceAll(name, "-", "_")) }
