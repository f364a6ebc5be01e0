"""The trial: a verdict, with its evidence, on any deployment. It knows nothing but what the manifests say."""
