// Encodes dossiers and relations as the bytes that the store keeps.
#ifndef GONGJI_SERVICES_RELATION_DOSSIER_BYTES_H_
#define GONGJI_SERVICES_RELATION_DOSSIER_BYTES_H_

#include <string>

#include "services/relation/records.h"

namespace gongji::relation {

// Encodes everything in a dossier but the person's certificate, which has columns of its own.
std::string EncodeDossier(const Dossier& dossier);
std::string EncodeRelation(const Relation& relation);

// False if the bytes are damaged.
bool DecodeDossier(const std::string& bytes, Dossier& dossier);
bool DecodeRelation(const std::string& bytes, Relation& relation);

}  // namespace gongji::relation

#endif  // GONGJI_SERVICES_RELATION_DOSSIER_BYTES_H_
