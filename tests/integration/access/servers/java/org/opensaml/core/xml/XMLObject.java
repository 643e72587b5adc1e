package org.opensaml.core.xml;

/** In the place of OpenSAML's, which Elasticsearch names and, without SAML, never calls. */
public interface XMLObject {}
