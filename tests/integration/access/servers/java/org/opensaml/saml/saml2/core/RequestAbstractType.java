package org.opensaml.saml.saml2.core;

/** In the place of OpenSAML's, which Elasticsearch names and, without SAML, never calls. */
public interface RequestAbstractType {}
