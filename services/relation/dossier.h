// How changes become part of the dossiers that they touch; the same for every store.
#ifndef GONGJI_SERVICES_RELATION_DOSSIER_H_
#define GONGJI_SERVICES_RELATION_DOSSIER_H_

#include <string>

#include "services/relation/changes.h"
#include "services/relation/records.h"

namespace gongji::relation {

// Applies `changes` to `dossier`, that of `psn_no`, and raises its version by one.
void ApplyTo(const std::string& psn_no, const Changes& changes, Dossier& dossier);

}  // namespace gongji::relation

#endif  // GONGJI_SERVICES_RELATION_DOSSIER_H_
