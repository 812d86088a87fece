//! Circuits and domains: deploying, reading back, calling controllers, their storage.

use serde_json::Value;
use valence_coprocessor_api::{
    AddedBlockAnswer, Base64Bytes, CallAnswer, CircuitBytes, ComputeRequest,
    DeployControllerAnswer, DeployControllerRequest, DeployDomainAnswer, DeployDomainRequest,
    DomainList, FileWrite, LatestBlockAnswer, VerifyingKeyAnswer, WitnessAnswer, paths,
};
use valence_coprocessor_protocol::{CircuitId, Root};

use crate::{Client, ClientError, request::Call};

impl Client {
    /// Deploys a circuit with its controller.
    pub async fn deploy_circuit(
        &self,
        request: &DeployControllerRequest,
    ) -> Result<DeployControllerAnswer, ClientError> {
        Call::post(paths::DEPLOY_CONTROLLER, request)
            .send(self)
            .await
    }

    /// Deploys a domain.
    pub async fn deploy_domain(
        &self,
        request: &DeployDomainRequest,
    ) -> Result<DeployDomainAnswer, ClientError> {
        Call::post(paths::DEPLOY_DOMAIN, request).send(self).await
    }

    /// The registered domains.
    pub async fn domains(&self) -> Result<DomainList, ClientError> {
        Call::get(paths::DOMAINS).send(self).await
    }

    /// The newest block of a domain.
    pub async fn latest_block(&self, name: &str) -> Result<LatestBlockAnswer, ClientError> {
        let path = paths::with(paths::DOMAIN_LATEST, "name", name);
        Call::get(path).send(self).await
    }

    /// Appends a block to a domain, from the arguments of its controller's `validate_block`.
    pub async fn add_block(
        &self,
        name: &str,
        args: &Value,
    ) -> Result<AddedBlockAnswer, ClientError> {
        let path = paths::with(paths::DOMAIN, "name", name);
        Call::post(path, args).send(self).await
    }

    /// The verifying key of a circuit, with the hash by which contracts know it.
    pub async fn verifying_key(
        &self,
        circuit: &CircuitId,
    ) -> Result<VerifyingKeyAnswer, ClientError> {
        Call::get(of(paths::VERIFYING_KEY_OF, circuit))
            .send(self)
            .await
    }

    /// The ELF of a circuit.
    pub async fn bytecode(&self, circuit: &CircuitId) -> Result<Vec<u8>, ClientError> {
        self.bytes(paths::BYTECODE_OF, circuit).await
    }

    /// The controller of a circuit.
    pub async fn runtime(&self, circuit: &CircuitId) -> Result<Vec<u8>, ClientError> {
        self.bytes(paths::RUNTIME_OF, circuit).await
    }

    /// The witnesses that the controller makes of `request`, at the newest root or a pinned one.
    pub async fn witnesses(
        &self,
        circuit: &CircuitId,
        root: Option<Root>,
        request: &ComputeRequest,
    ) -> Result<WitnessAnswer, ClientError> {
        Call::post(paths::WITNESSES, request)
            .circuit(circuit)
            .root(root)
            .send(self)
            .await
    }

    /// Calls the entry point of the controller.
    pub async fn entrypoint(
        &self,
        circuit: &CircuitId,
        args: &Value,
    ) -> Result<CallAnswer, ClientError> {
        Call::post(paths::ENTRYPOINT, args)
            .circuit(circuit)
            .send(self)
            .await
    }

    /// Reads the raw storage of a circuit.
    pub async fn raw(&self, circuit: &CircuitId) -> Result<Option<Vec<u8>>, ClientError> {
        let found: Option<Base64Bytes> = Call::get(paths::RAW).circuit(circuit).send(self).await?;
        Ok(found.map(|bytes| bytes.0))
    }

    /// Writes the raw storage of a circuit.
    pub async fn set_raw(&self, circuit: &CircuitId, bytes: Vec<u8>) -> Result<(), ClientError> {
        let _: Value = Call::post(paths::RAW, &Base64Bytes(bytes))
            .circuit(circuit)
            .send(self)
            .await?;
        Ok(())
    }

    /// Reads a stored file of a circuit.
    pub async fn file(
        &self,
        circuit: &CircuitId,
        path: &str,
    ) -> Result<Option<Vec<u8>>, ClientError> {
        let found: Option<Base64Bytes> = Call::get(paths::FILES)
            .query(&[("path", path.to_owned())])
            .circuit(circuit)
            .send(self)
            .await?;
        Ok(found.map(|bytes| bytes.0))
    }

    /// Writes a stored file of a circuit.
    pub async fn set_file(
        &self,
        circuit: &CircuitId,
        request: &FileWrite,
    ) -> Result<(), ClientError> {
        let _: Value = Call::post(paths::FILES, request)
            .circuit(circuit)
            .send(self)
            .await?;
        Ok(())
    }

    /// Reads a stored file of a domain.
    pub async fn domain_file(
        &self,
        name: &str,
        path: &str,
    ) -> Result<Option<Vec<u8>>, ClientError> {
        let route = paths::with(paths::DOMAIN_FILES, "name", name);
        let found: Option<Base64Bytes> = Call::get(route)
            .query(&[("path", path.to_owned())])
            .send(self)
            .await?;
        Ok(found.map(|bytes| bytes.0))
    }

    /// Writes a stored file of a domain, with the key that deployed it.
    pub async fn set_domain_file(
        &self,
        name: &str,
        request: &FileWrite,
    ) -> Result<(), ClientError> {
        let route = paths::with(paths::DOMAIN_FILES, "name", name);
        let _: Value = Call::post(route, request).send(self).await?;
        Ok(())
    }

    async fn bytes(&self, path: &str, circuit: &CircuitId) -> Result<Vec<u8>, ClientError> {
        let answer: CircuitBytes = Call::get(of(path, circuit)).send(self).await?;
        Ok(answer.base64.0)
    }
}

fn of(path: &str, circuit: &CircuitId) -> String {
    paths::with(path, "id", &circuit.to_string())
}
